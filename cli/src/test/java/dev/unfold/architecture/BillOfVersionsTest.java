package dev.unfold.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/// What users import to get modules that belong together.
final class BillOfVersionsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static List<String> values(String pom, String path) throws Exception {
    Document document =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(ROOT.resolve(pom).toFile());
    NodeList nodes =
        (NodeList)
            XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent().strip())
        .toList();
  }

  @Test
  void bom_namesEachModuleThatIsPublished() throws Exception {
    Set<String> expected = new TreeSet<>();
    // Those of profiles as well: what a plain build leaves out may be published all the same.
    for (String module : values("pom.xml", "//modules/module")) {
      boolean isPublished = values(module + "/pom.xml", "//maven.deploy.skip").isEmpty();
      if (isPublished && !module.equals("bom")) {
        expected.addAll(values(module + "/pom.xml", "/project/artifactId"));
      }
    }
    List<String> named =
        values("bom/pom.xml", "/project/dependencyManagement//dependency/artifactId");

    assertTrue(expected.contains("unfold-spark_2.13"), expected::toString);
    assertEquals(expected, new TreeSet<>(named));
  }

  @Test
  void version_isTheSameInAllPoms() throws Exception {
    List<String> version = values("pom.xml", "/project/version");

    assertEquals(version, values("bom/pom.xml", "/project/version"));
    for (String module : values("pom.xml", "//modules/module")) {
      if (!module.equals("bom")) {
        assertEquals(version, values(module + "/pom.xml", "/project/parent/version"), module);
      }
    }
    assertEquals(
        version,
        values("examples/library/pom.xml", "/project/dependencyManagement//dependency/version"));
  }
}
