/// The training loop with its events, its validation and its state.
///
/// [Trainer] is the loop. At each update it asks a [GradientSource] for the gradients of the next losses, and lets an
/// [dev.unfold.train.update.Updater] change the parameters by them. How far the run is says one immutable record,
/// [Progress]: the [TrainerState] holds it, each [TrainingEvent] carries it, and a checkpoint writes it by the names
/// of its components.
///
/// - A new option of updates is a component of [dev.unfold.train.update.UpdateRule], and used by the updater, which
///   also keeps what it needs for each parameter; one of the loop is a component of [TrainingOptions], and used by
///   the trainer or its source.
/// - A new counter is a component of [Progress].
package dev.unfold.train;
