package dev.unfold.kernels.vector;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;

/// Classes that are written while the program runs: each implements an interface and has one instance.
final class Hidden {
  private Hidden() {}

  /// Begins such a class.
  static ClassBuilder begin(ClassBuilder builder, Class<?> type) {
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
  static Object instance(MethodHandles.Lookup lookup, byte[] bytes) {
    try {
      return lookup
          .defineHiddenClass(bytes, true)
          .lookupClass()
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a class that was just written cannot be made", e);
    }
  }
}
