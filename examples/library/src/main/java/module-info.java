module example.learn {
  requires dev.unfold.data;
  requires dev.unfold.formats;
}
