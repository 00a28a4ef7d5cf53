namespace Ringfence.Bench.Logs;

/// <summary>A log that is being written: lines of refused logins, appended in one write each time, as by a busy Asterisk.</summary>
internal sealed class AttackLog : IDisposable
{
    private readonly FileStream _file;
    private readonly LineWriter _writer;
    private readonly LogLines _lines;
    private readonly TimeProvider _clock;

    public AttackLog(string path, TimeProvider clock)
    {
        _clock = clock;
        // Without a buffer: an append is one write, and visible at once.
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        _writer = new LineWriter(_file);
        _lines = new LogLines(_writer, new SplitMix(1));
    }

    /// <summary>Prepares lines; <see cref="Append()"/> writes them.</summary>
    public void Refuse(Peer peer, int times)
    {
        _lines.Clock.Set(_clock.GetUtcNow().ToUnixTimeMilliseconds());
        Span<byte> account = stackalloc byte[8];
        for (var i = 0; i < times; i++)
        {
            System.Buffers.Text.Utf8Formatter.TryFormat(1000 + i, account, out var written);
            _lines.InvalidAccount(peer, account[..written]);
        }
    }

    public void Append() => _writer.Flush();

    public void Append(ReadOnlySpan<byte> lines) => _file.Write(lines);

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
    }
}
