/// Models, hidden states and checkpoints of training runs as safetensors files, which other programs read too: tensors by
/// name, and texts for all else. [dev.unfold.formats.ModelFile], [dev.unfold.formats.StateFile] and
/// [dev.unfold.formats.CheckpointFile] read and write them; [dev.unfold.formats.SafetensorsReader] and
/// [dev.unfold.formats.SafetensorsWriter] any safetensors files.
package dev.unfold.formats;
