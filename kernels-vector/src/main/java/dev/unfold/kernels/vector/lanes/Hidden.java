package dev.unfold.kernels.vector.lanes;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// Classes that are written while the program runs: each implements an interface and has one instance.
public final class Hidden {
  private Hidden() {}

  /// Begins such a class.
  public static ClassBuilder begin(ClassBuilder builder, Class<?> type) {
    return builder
        .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
        .withInterfaceSymbols(type.describeConstable().orElseThrow())
        .withMethodBody(
            ConstantDescs.INIT_NAME,
            ConstantDescs.MTD_void,
            0,
            body ->
                body.aload(0)
                    .invokespecial(
                        ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                    .return_());
  }

  /// The instance of the class in `bytes`.
  public static Object instance(MethodHandles.Lookup lookup, byte[] bytes) {
    try {
      // Its constructor is its package's, which is not always this one.
      MethodHandles.Lookup hidden = lookup.defineHiddenClass(bytes, true);
      return hidden
          .findConstructor(hidden.lookupClass(), MethodType.methodType(void.class))
          .invoke();
    } catch (Throwable e) {
      throw new LinkageError("a class that was just written cannot be made", e);
    }
  }
}
