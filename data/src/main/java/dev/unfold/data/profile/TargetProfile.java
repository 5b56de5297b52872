package dev.unfold.data.profile;

import java.util.Optional;

/// The series of one column.
///
/// @param column its name
/// @param season that most of the series that were looked at have, with its mean strength
/// @param seasonal how many have it
/// @param lookedAt how many series were looked at for a season
/// @param zeroShare the share of values that are 0
/// @param missingShare the share of rows without a value
/// @param constant how many series have one value only
/// @param empty how many have none
public record TargetProfile(
    String column,
    Optional<Season> season,
    int seasonal,
    int lookedAt,
    double zeroShare,
    double missingShare,
    long constant,
    long empty) {}
