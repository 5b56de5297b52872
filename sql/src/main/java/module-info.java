/// Queries over files and databases.
module dev.unfold.sql {
  requires dev.unfold.data;
  requires java.sql;

  provides dev.unfold.data.table.QueryRunner with
      dev.unfold.sql.JdbcRunner;
}
