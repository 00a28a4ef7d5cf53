using System.Collections.Concurrent;
using Ringfence.Core.Calls;

namespace Ringfence.Sources;

/// <summary>Reads CDRs and puts them in order on a thread of its own, a few batches ahead of the engine.</summary>
/// <remarks>bench/backtest: that takes about as long as the engine does.</remarks>
internal sealed class CallsAhead : IDisposable
{
    private const int Batches = 4;
    private const int BatchSize = 4096;

    private readonly BlockingCollection<OrderedCalls> _free = [];
    private readonly BlockingCollection<OrderedCalls> _full = [];
    private readonly CdrReplay _files;
    private OrderedCalls? _filling;

    public CallsAhead(CdrReplay files)
    {
        _files = files;
        Order = new CallOrder(Put, Restart);
        for (var at = 0; at < Batches; at++)
        {
            _free.Add(new OrderedCalls(new List<PastEvent>(BatchSize)));
        }
    }

    /// <summary>What the order made of the records; to be looked at when all of them were taken.</summary>
    public CallOrder Order { get; }

    /// <summary>Everything that the files hold, once; a batch is good until the next one is asked for.</summary>
    /// <exception cref="LogFileException">An archive is damaged: what stands before the damage was given.</exception>
    public IEnumerable<OrderedCalls> Read(CancellationToken stop)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reading = Task.Factory.StartNew(() => Fill(done.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var batch in _full.GetConsumingEnumerable(done.Token))
            {
                yield return batch;
                batch.Clear();
                _free.Add(batch, CancellationToken.None);
            }

            reading.GetAwaiter().GetResult();
        }
        finally
        {
            // Whoever asks no further waits until nobody reads the files: a reader that waits for a free batch gets none.
            done.Cancel();
            _free.CompleteAdding();
            reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _free.Dispose();
        _full.Dispose();
    }

    private void Fill(CancellationToken stop)
    {
        try
        {
            _files.Run((in one) => Order.Add(one), stop);
            Order.Finish();
        }
        finally
        {
            Pass();
            _full.CompleteAdding();
        }
    }

    private void Put(in PastEvent one)
    {
        _filling ??= _free.Take();
        _filling.Events.Add(one);
        if (_filling.Events.Count == BatchSize)
        {
            Pass();
        }
    }

    private void Restart()
    {
        _filling ??= _free.Take();
        _filling.EndsPast = true;
        Pass();
    }

    private void Pass()
    {
        if (_filling is { } full)
        {
            _filling = null;
            _full.Add(full, CancellationToken.None);
        }
    }
}

/// <summary>A piece of the past, in order.</summary>
internal sealed class OrderedCalls(List<PastEvent> events)
{
    public List<PastEvent> Events => events;

    /// <summary>Behind it the PBX's clock went back for good: what comes next is another past.</summary>
    public bool EndsPast { get; set; }

    public void Clear()
    {
        events.Clear();
        EndsPast = false;
    }
}
