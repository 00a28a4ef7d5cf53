using System.Collections.Concurrent;
using Ringfence.Core.Calls;

namespace Ringfence.Sources;

/// <summary>Reads CDRs on a thread of its own, a few batches ahead of the engine.</summary>
/// <remarks>bench/backtest: reading and judging take about as long.</remarks>
internal sealed class CallsAhead : IDisposable
{
    private const int Batches = 4;
    private const int BatchSize = 4096;

    private readonly BlockingCollection<List<PastEvent>> _free = [];
    private readonly BlockingCollection<List<PastEvent>> _full = [];

    private CallsAhead()
    {
        for (var at = 0; at < Batches; at++)
        {
            _free.Add(new List<PastEvent>(BatchSize));
        }
    }

    /// <summary>Everything that the files hold; a batch is good until the next one is asked for.</summary>
    /// <exception cref="LogFileException">An archive is damaged: what stands before the damage was given.</exception>
    public static IEnumerable<List<PastEvent>> Of(CdrReplay files, CancellationToken stop)
    {
        using var ahead = new CallsAhead();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var reading = Task.Factory.StartNew(() => ahead.Read(files, done.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var batch in ahead._full.GetConsumingEnumerable(done.Token))
            {
                yield return batch;
                batch.Clear();
                ahead._free.Add(batch, CancellationToken.None);
            }

            reading.GetAwaiter().GetResult();
        }
        finally
        {
            // Whoever asks no further waits until nobody reads the files.
            done.Cancel();
            reading.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _free.Dispose();
        _full.Dispose();
    }

    private void Read(CdrReplay files, CancellationToken stop)
    {
        List<PastEvent>? filling = null;
        try
        {
            files.Run(
                (in one) =>
                {
                    filling ??= _free.Take(stop);
                    filling.Add(one);
                    if (filling.Count == BatchSize)
                    {
                        _full.Add(filling, CancellationToken.None);
                        filling = null;
                    }
                },
                stop);
        }
        finally
        {
            if (filling is not null)
            {
                _full.Add(filling, CancellationToken.None);
            }

            _full.CompleteAdding();
        }
    }
}
