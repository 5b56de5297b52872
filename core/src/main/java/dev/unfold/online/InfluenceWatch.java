package dev.unfold.online;

/// What there is to be watched of an influence, which grows as products of D(t) do.
///
/// @param norm the largest Euclidean norm of a sequence's influence in a layer, when it was last looked at; in a stack
///     that is followed as one, in all layers
/// @param timesLimited how often the influence of a sequence was scaled down or started anew
public record InfluenceWatch(double norm, long timesLimited) {}
