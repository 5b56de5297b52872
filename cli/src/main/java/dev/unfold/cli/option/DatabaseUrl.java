package dev.unfold.cli.option;

import java.util.regex.Pattern;

/// Addresses of databases, which may hold users and passwords.
final class DatabaseUrl {
  private static final Pattern URL =
      Pattern.compile("(jdbc:[^:]*:).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  private DatabaseUrl() {}

  /// A word of a command as it may be kept: of a database's address the scheme alone, such as `jdbc:h2:...`.
  static String withoutSecrets(String word) {
    return URL.matcher(word).replaceFirst("$1...");
  }
}
