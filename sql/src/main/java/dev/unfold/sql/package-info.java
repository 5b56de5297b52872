/// Queries as tables: over files by DuckDB, and over any database that has a JDBC driver.
package dev.unfold.sql;
