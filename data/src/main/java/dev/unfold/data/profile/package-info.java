/// What a table holds, for who wants to learn from its series: ranges, frequency, gaps, seasons, what could go wrong.
package dev.unfold.data.profile;
