/// Several processes that train one network together, in a ring of connections.
///
/// [Ring] is what [dev.unfold.train.Workers] asks for; [RingEntry] lets in those who know the token and nobody else,
/// [Wire] has the two connections of a worker and sees to it that none waits forever, [SumCall] and [GatherCall] say
/// what is sent when.
package dev.unfold.run.ring;
