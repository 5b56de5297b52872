package dev.unfold.run.ring;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.net.InetSocketAddress;
import java.util.List;

/// Who is in a ring, and which of them this one is.
///
/// @param rank of this one
/// @param all the addresses, by rank
record Peers(int rank, List<InetSocketAddress> all) {
  /// Checks the rank.
  Peers {
    all = List.copyOf(Expect.given("all", all));
    if (rank < 0 || rank >= all.size()) {
      throw new Refusal("rank", "0 to W-1=%d".formatted(all.size() - 1), rank);
    }
  }

  int count() {
    return all.size();
  }

  int last() {
    return count() - 1;
  }

  /// Who sends to this one.
  int before() {
    return Math.floorMod(rank - 1, count());
  }

  /// Whom this one sends to.
  int after() {
    return (rank + 1) % count();
  }

  /// `rank 2 (10.0.0.7:4711)`
  String name(int of) {
    InetSocketAddress address = all.get(of);
    return "rank %d (%s:%d)".formatted(of, address.getHostString(), address.getPort());
  }

  String name() {
    return name(rank);
  }
}
