package dev.unfold.data.profile;

/// The times of a table's series.
///
/// @param column that has them
/// @param isFound whether nobody said so
/// @param frequency that of most rows
/// @param first of all series, for people
/// @param last of all series, for people
/// @param shortest how many rows the shortest series has
/// @param longest how many rows the longest has
/// @param others how many series have another frequency
/// @param gaps how many places there are where steps are missing
/// @param missingSteps how many steps those are
/// @param duplicates how many rows have the time of the row before them in their series
/// @param backwards how many rows lie before the row before them
public record TimeProfile(
    String column,
    boolean isFound,
    Frequency frequency,
    String first,
    String last,
    long shortest,
    long longest,
    long others,
    long gaps,
    long missingSteps,
    long duplicates,
    long backwards) {}
