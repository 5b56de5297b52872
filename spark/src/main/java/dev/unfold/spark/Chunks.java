package dev.unfold.spark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/// Takes what comes in parts, and gives what is made of each part, so that there is never more than one in memory.
final class Chunks<A, B> implements Iterator<B> {
  /// As many as one part has.
  private static final int SIZE = 256;

  private final Iterator<A> source;
  private final Function<List<A>, List<B>> make;
  private Iterator<B> made = Collections.emptyIterator();

  Chunks(Iterator<A> source, Function<List<A>, List<B>> make) {
    this.source = source;
    this.make = make;
  }

  @Override
  public boolean hasNext() {
    while (!made.hasNext() && source.hasNext()) {
      List<A> part = new ArrayList<>();
      while (source.hasNext() && part.size() < SIZE) {
        part.add(source.next());
      }
      made = make.apply(part).iterator();
    }
    return made.hasNext();
  }

  @Override
  public B next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return made.next();
  }
}
