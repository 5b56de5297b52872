/// Sessions of a model that runs step by step: a state for each user, device or account, in memory and in files.
package dev.unfold.run.session;
