package dev.unfold.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/// What a task of the barrier stage does: it trains, and the first gives the model back.
final class WorkerTask extends AbstractFunction1<Iterator<Integer>, Iterator<Outcome>>
    implements Serializable {
  private static final long serialVersionUID = 1;

  private final Broadcast<Shipment> shipment;
  private final Place place;
  private final byte[] secret;

  /// @param secret of the workers, which none but they know
  WorkerTask(Broadcast<Shipment> shipment, Place place, byte[] secret) {
    this.shipment = shipment;
    this.place = place;
    this.secret = secret.clone();
  }

  @Override
  public Iterator<Outcome> apply(Iterator<Integer> ranks) {
    Worker worker = new Worker(BarrierTaskContext.get(), place);
    try {
      List<Outcome> outcomes = worker.train(shipment.value(), secret);
      return CollectionConverters.asScala(outcomes.iterator());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }
}
