/// Models as ONNX files, found at run time as a format of models.
@SuppressWarnings("requires-automatic")
module dev.unfold.formats.onnx {
  requires com.google.protobuf;
  requires dev.unfold.formats;

  provides dev.unfold.formats.exchange.ModelFormat with
      dev.unfold.formats.onnx.OnnxFormat;
}
