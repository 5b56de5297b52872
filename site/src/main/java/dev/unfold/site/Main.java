package dev.unfold.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// `Main ROOT FOLDER VERSION`: makes the site of the project in ROOT, with the Javadoc that is in FOLDER already, and
/// fails with a line for each link that leads nowhere.
final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toAbsolutePath().normalize();
    Path folder = Path.of(args[1]).toAbsolutePath().normalize();
    List<String> faults = new ArrayList<>(new Site(root, Site.plan()).write(folder, args[2]));

    boolean withoutApi = !Files.exists(folder.resolve(ApiPages.FOLDER));
    LinkCheck check = LinkCheck.of(folder, file -> withoutApi && file.startsWith(ApiPages.FOLDER));
    faults.addAll(check.broken());
    Files.write(folder.resolveSibling("external-links.txt"), check.external());
    if (!faults.isEmpty()) {
      faults.forEach(line -> System.err.println("site: " + line));
      System.exit(1);
    }
    System.out.printf(
        "site: %d pages, %d links, %d links to elsewhere%n",
        check.pages(), check.count(), check.external().size());
  }
}
