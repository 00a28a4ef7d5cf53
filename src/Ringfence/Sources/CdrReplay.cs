using System.Runtime.InteropServices;
using Ringfence.Core.Calls;

namespace Ringfence.Sources;

/// <summary>Several files of CDRs, plain or compressed, side by side in the order in which their records were written.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class CdrReplay : IDisposable
{
    private readonly List<OpenCdr> _files = [];
    private readonly CallReading _reading;

    /// <param name="zone">Of their times.</param>
    /// <param name="mapping">As [calls] cdr_columns has it; null: as Asterisk writes them by itself, or as a line of headings says.</param>
    /// <exception cref="LogFileException">One of them can't be read.</exception>
    public CdrReplay(IReadOnlyList<string> paths, TimeZoneInfo zone, string? mapping, CallReading reading)
    {
        _reading = reading;
        try
        {
            foreach (var path in paths)
            {
                _files.Add(new OpenCdr(path, LogFile.Open(path), new CallFileReader(zone, mapping)));
            }
        }
        catch (LogFileException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes to read, as the files lie on the disk; 0 if not known.</summary>
    public long TotalBytes => _files.Sum(static file => file.File.Length ?? 0);

    public long DoneBytes => _files.Sum(static file => file.File.Position);

    /// <summary>What could be read of each and what not.</summary>
    public IReadOnlyList<(string Path, CallFileReader Reader)> Files => [.. _files.Select(static file => (file.Path, file.Reader))];

    /// <param name="take">Gets what the engine has a use for.</param>
    /// <param name="stop">Looked at once for each block.</param>
    /// <exception cref="LogFileException">An archive is damaged: what stands before was given.</exception>
    public void Run(PastEventSink take, CancellationToken stop)
    {
        foreach (var file in _files)
        {
            file.Fill(_reading, stop);
        }

        while (true)
        {
            // The file whose next record is the oldest, and up to where none of the others has an older one.
            OpenCdr? next = null;
            var until = long.MaxValue;
            foreach (var file in _files)
            {
                if (file.Next is not { } at)
                {
                    continue;
                }

                if (next is null || at < next.Next)
                {
                    until = next?.Next ?? until;
                    next = file;
                }
                else
                {
                    until = Math.Min(until, at);
                }
            }

            if (next is null)
            {
                return;
            }

            do
            {
                take(in next.Take());
                if (next.Next is null)
                {
                    next.Fill(_reading, stop);
                }
            }
            while (next.Next <= until);
        }
    }

    public void Dispose() => _files.ForEach(static file => file.File.Dispose());

    private sealed class OpenCdr(string path, LogFile file, CallFileReader reader)
    {
        private const int BlockBytes = 256 * 1024;

        private readonly byte[] _buffer = new byte[BlockBytes];
        private readonly List<PastEvent> _events = [];
        private int _at;
        private int _held;
        private bool _isDone;

        public string Path => path;

        public LogFile File => file;

        public CallFileReader Reader => reader;

        /// <summary>When its next record was written; null: there is none.</summary>
        public long? Next => _at < _events.Count ? CollectionsMarshal.AsSpan(_events)[_at].Written : null;

        public ref readonly PastEvent Take() => ref CollectionsMarshal.AsSpan(_events)[_at++];

        public void Fill(CallReading reading, CancellationToken stop)
        {
            _events.Clear();
            _at = 0;
            while (_events.Count == 0 && !_isDone)
            {
                stop.ThrowIfCancellationRequested();
                var read = file.Read(_buffer.AsSpan(_held));
                _isDone = read == 0;
                _held += read;
                var taken = reader.Read(_buffer.AsSpan(0, _held), _isDone, call =>
                {
                    if (reading.Read(call) is { } seen)
                    {
                        _events.Add(seen);
                    }
                });
                _buffer.AsSpan(taken, _held - taken).CopyTo(_buffer);
                _held -= taken;
            }
        }
    }
}
