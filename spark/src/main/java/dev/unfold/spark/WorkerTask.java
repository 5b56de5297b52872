package dev.unfold.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/// What a task of the barrier stage does: it trains, and the first gives the model back.
final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<byte[]>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  private final Broadcast<byte[]> shipment;
  private final Place place;
  private final byte[] secret;

  /// @param shipment a [Parcel] with a [Shipment]
  /// @param secret of the workers, which none but they know
  WorkerTask(Broadcast<byte[]> shipment, Place place, byte[] secret) {
    this.shipment = shipment;
    this.place = place;
    this.secret = secret.clone();
  }

  @Override
  public Iterator<byte[]> apply(Iterator<Integer> ranks) {
    Worker worker = new Worker(BarrierTaskContext.get(), place);
    try {
      Shipment sent = Parcel.open(shipment.value(), Shipment.class);
      List<byte[]> outcomes = worker.train(sent, secret).stream().map(Parcel::of).toList();
      return CollectionConverters.asScala(outcomes.iterator());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
