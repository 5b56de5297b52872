package dev.unfold.site;

import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.Node;

/// Stands around a table, so that a wide one scrolls and the page does not.
final class ScrollBox extends CustomBlock {
  /// Puts one around each table of `document`.
  static void around(Node document) {
    document.accept(
        new AbstractVisitor() {
          @Override
          public void visit(CustomBlock block) {
            if (block instanceof TableBlock) {
              ScrollBox box = new ScrollBox();
              block.insertBefore(box);
              box.appendChild(block);
            } else {
              visitChildren(block);
            }
          }
        });
  }
}
