package dev.unfold.data.text;

/// What one token of a text is.
public enum Unit {
  /// A Unicode code point. All are kept, line ends (LF, CR LF) and white space too.
  CHAR,

  /// A word, or the end of a line, written `<eos>`: the convention of the Penn Treebank language
  /// modelling text.
  ///
  /// Words are what lies between white space: blank, tab, carriage return, form feed, vertical tab.
  /// Other Unicode spaces belong to words. A line feed ends a line. In a file, what follows the last
  /// line feed is a line as well, unless nothing follows; so a file has the same tokens with and
  /// without its last line feed, and an empty line is one `<eos>`.
  ///
  /// **Differences**: nothing is changed to lower case, and punctuation stays where it is; a
  /// text is expected to be cut into words by blanks already.
  WORD,

  /// A byte of a file as it is, of any kind of file. There are always 256 different ones.
  BYTE
}
