/// How a training run is told: a progress bar, plain lines, JSON.
package dev.unfold.cli.report;
