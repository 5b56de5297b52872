package dev.unfold.kernels.vector.lanes;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/// A function of [Functions] for one number.
public interface LaneFunction {
  /// The function of x.
  float of(float x);

  /// The function `name`, made from the text of the one for vectors.
  static LaneFunction named(String name) {
    ClassDesc vector = FloatVector.class.describeConstable().orElseThrow();
    byte[] bytes =
        ClassFile.of()
            .build(
                ClassDesc.of(LaneFunction.class.getPackageName(), "LaneFunction$Compiled"),
                builder ->
                    Hidden.begin(builder, LaneFunction.class)
                        .withMethodBody(
                            "of",
                            MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_float),
                            ClassFile.ACC_PUBLIC,
                            body ->
                                body.transforming(
                                        new LaneByLane(),
                                        inner ->
                                            new Inlining(inner.fload(1))
                                                .write(name, MethodTypeDesc.of(vector, vector)))
                                    .freturn()));
    return (LaneFunction) Hidden.instance(MethodHandles.lookup(), bytes);
  }
}
