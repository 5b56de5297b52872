package dev.unfold.run.folder;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps all others, in this process and in others, from working in a folder.
///
/// The operating system holds the lock, on the file `.lock`, and ends it with the process, however that ends. The file
/// stays: by itself it means nothing. Deleting it would let two processes hold locks on two files of that name.
///
/// A file system that has no locks keeps nobody out but those in this process.
public final class FolderLock implements AutoCloseable {
  private static final String NAME = ".lock";

  /// Folders that this process holds: a second channel to a file would end the lock of the first when it is closed.
  private static final Set<Object> HELD = ConcurrentHashMap.newKeySet();

  private final Object key;
  private final FileChannel channel;

  private FolderLock(Object key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /// Takes the lock of a folder.
  ///
  /// **Errors**: [IllegalArgumentException] if somebody has it; [IOException] if the folder cannot be written to.
  public static FolderLock of(Path folder) throws IOException {
    return of("run", folder);
  }

  /// The same.
  ///
  /// @param argument what the folder is called where it is refused
  public static FolderLock of(String argument, Path folder) throws IOException {
    Object file = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    Object key = file == null ? folder.toRealPath() : file;
    if (!HELD.add(key)) {
      throw inUse(argument, folder);
    }
    FileChannel channel = null;
    boolean held = false;
    try {
      channel =
          FileChannel.open(
              folder.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isFree(channel)) {
        throw inUse(argument, folder);
      }
      held = true;
      return new FolderLock(key, channel);
    } finally {
      if (!held) {
        HELD.remove(key);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  /// Locks if nobody else has.
  private static boolean isFree(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (IOException e) {
      // No locks here.
      return true;
    }
  }

  private static Refusal inUse(String argument, Path folder) {
    return new Refusal(
        argument, "a folder that no other %s is using".formatted(argument), folder);
  }

  /// Removes its file, of a folder that nobody else has known long enough to wait for.
  void remove(Path folder) {
    try {
      Files.deleteIfExists(folder.resolve(NAME));
    } catch (IOException e) {
      System.getLogger(FolderLock.class.getName())
          .log(System.Logger.Level.DEBUG, "the lock could not be removed", e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      System.getLogger(FolderLock.class.getName())
          .log(System.Logger.Level.DEBUG, "the lock could not be closed", e);
    } finally {
      HELD.remove(key);
    }
  }
}
