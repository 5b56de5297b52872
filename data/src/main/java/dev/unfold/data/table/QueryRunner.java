package dev.unfold.data.table;

import dev.unfold.data.source.DataException;

/// Answers queries: a module that need not be there, found as a service.
public interface QueryRunner {
  /// Runs a query, and gives its rows to `sink`.
  ///
  /// **Errors**: [DataException] if it cannot be run, in one line without passwords.
  void run(Query query, QuerySink sink);
}
