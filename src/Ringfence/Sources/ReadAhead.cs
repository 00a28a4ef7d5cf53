using System.Collections.Concurrent;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>Reads and parses logs on a thread of its own, a few blocks ahead of whoever judges what is in them.</summary>
/// <remarks>Parsing and judging take about as long: on two processors a replay takes two thirds of the time (bench: replay).</remarks>
internal sealed class ReadAhead : IDisposable
{
    // Enough that neither waits for the other at each block; the events of one are 100 kB.
    private const int Blocks = 4;

    private readonly LogReplay _logs;
    private readonly BlockingCollection<EventBatch> _free = [];
    private readonly BlockingCollection<EventBatch> _full = [];
    private EventBatch? _filling;

    private ReadAhead(LogReplay logs, bool withRecords)
    {
        _logs = logs;
        for (var i = 0; i < Blocks; i++)
        {
            _free.Add(new EventBatch(withRecords));
        }
    }

    /// <summary>Everything that the logs hold; a batch is good until the next one is asked for.</summary>
    /// <exception cref="LogFileException">An archive is damaged: what stands before the damage was given.</exception>
    public static IEnumerable<EventBatch> Of(LogReplay logs, bool withRecords, CancellationToken stop)
    {
        using var ahead = new ReadAhead(logs, withRecords);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var parsing = Task.Factory.StartNew(() => ahead.Parse(done.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var batch in ahead._full.GetConsumingEnumerable(done.Token))
            {
                yield return batch;
                ahead._free.Add(batch, CancellationToken.None);
            }

            parsing.GetAwaiter().GetResult();
        }
        finally
        {
            // Whoever asks no further waits until nobody reads the files.
            done.Cancel();
            parsing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }

    public void Dispose()
    {
        _free.Dispose();
        _full.Dispose();
    }

    private void Parse(CancellationToken stop)
    {
        try
        {
            var sink = new Sink(this);
            _logs.Run(ref sink, log =>
            {
                HandOver();
                _filling = _free.Take(stop).Begin(log, _logs.DoneBytes);
            });
        }
        finally
        {
            HandOver();
            _full.CompleteAdding();
        }
    }

    private void HandOver()
    {
        if (_filling is { } filled)
        {
            _filling = null;
            _full.Add(filled, CancellationToken.None);
        }
    }

    private readonly struct Sink(ReadAhead ahead) : IEventSink
    {
        public void See(in PbxEvent seen) => ahead._filling!.Add(seen);

        /// <summary>The parser counts them.</summary>
        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
