package dev.unfold.online;

import dev.unfold.layer.Pattern;

/// Which parameters of a unit keep a trace for which of its states.
interface UnitPattern {
  boolean hasRow(int state, int group, int row);

  boolean hasNumber(int state, int parameter, int index);

  /// All of them.
  static UnitPattern all() {
    return new UnitPattern() {
      @Override
      public boolean hasRow(int state, int group, int row) {
        return true;
      }

      @Override
      public boolean hasNumber(int state, int parameter, int index) {
        return true;
      }
    };
  }

  /// Those that reach the state within a step.
  static UnitPattern of(Pattern pattern) {
    return new UnitPattern() {
      @Override
      public boolean hasRow(int state, int group, int row) {
        return pattern.hasRow(state, group, row);
      }

      @Override
      public boolean hasNumber(int state, int parameter, int index) {
        return pattern.hasNumber(state, parameter, index);
      }
    };
  }
}
