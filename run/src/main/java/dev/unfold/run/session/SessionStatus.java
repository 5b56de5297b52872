package dev.unfold.run.session;

import java.time.Instant;
import java.util.List;

/// How a session is.
///
/// @param id its name
/// @param model the name of its model
/// @param version that of the model that runs it
/// @param step how many rows it has read
/// @param marks the steps whose states it keeps
/// @param opened when
/// @param used when last
/// @param isResident whether its state is in memory
public record SessionStatus(
    String id,
    String model,
    String version,
    long step,
    List<Long> marks,
    Instant opened,
    Instant used,
    boolean isResident) {}
