using Microsoft.Win32.SafeHandles;
using Ringfence.Core.Wire;

namespace Ringfence.Sources;

internal enum LogFileProblem
{
    Missing,
    NoPermission,

    /// <summary>A directory, a block device or a socket.</summary>
    NotAFile,

    /// <summary>Compressed in a way that is not read here.</summary>
    Unsupported,

    /// <summary>The archive ends early or is corrupt; everything before was delivered.</summary>
    Damaged,

    /// <summary>The system failed: a library is missing, the disk is broken.</summary>
    Unreadable,
}

/// <summary>A log can't be opened, or not be read to its end. The message begins with its path and says what to do.</summary>
internal sealed class LogFileException(LogFileProblem problem, string message, Exception? inner = null) : Exception(message, inner)
{
    public LogFileProblem Problem => problem;
}

internal enum LogFormat
{
    Plain,
    Gzip,
    Xz,
}

/// <summary>A whole log, from its first byte to its last, whether plain or compressed; what it is, its first bytes say, not its name.</summary>
/// <remarks>Plain files are read without a buffer in between, straight into the caller's.</remarks>
internal sealed class LogFile : IDisposable
{
    private readonly string _name;
    private readonly CountingStream _source;
    private readonly Stream _decompressed;
    private byte[] _beginning = [];
    private LogFileException? _early;

    private LogFile(string name, CountingStream source, LogFormat format)
    {
        _name = name;
        _source = source;
        Format = format;
        _decompressed = format == LogFormat.Gzip ? new GzipStream(source, name)
            : format == LogFormat.Xz ? new XzStream(source, name)
            : source;
    }

    public LogFormat Format { get; }


    /// <summary>The file that is open, whatever stands at its path by now; null for a pipe.</summary>
    public FileFacts? Facts => _source.Facts;

    /// <summary>Bytes that will be read of the file as it lies on the disk, for a progress bar; null if nobody knows (a pipe).</summary>
    public long? Length => _source.KnownLength;

    /// <summary>Bytes read of the file as it lies on the disk.</summary>
    public long Position => _source.Count;

    /// <param name="path">A file, a FIFO, or "-" for the standard input.</param>
    /// <exception cref="LogFileException">Nothing can be read there; the message says why.</exception>
    public static LogFile Open(string path)
    {
        var name = path == "-" ? "standard input" : path;
        var source = path == "-" ? new CountingStream(Console.OpenStandardInput(), null) : OpenSource(path);
        try
        {
            var format = source.PeekFormat(name);
            return new LogFile(name, source, format);
        }
        catch (LogFileException)
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Looks at the first bytes, which are then read like any others. Only before the first <see cref="Read"/>.</summary>
    /// <returns>Whether they are those of a capture (pcap or pcapng).</returns>
    public bool IsCapture()
    {
        Span<byte> beginning = stackalloc byte[4];
        var length = 0;
        try
        {
            while (length < beginning.Length && Read(beginning[length..]) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (LogFileException problem)
        {
            // Told when it is read.
            _early = problem;
        }

        _beginning = beginning[..length].ToArray();
        return CaptureFile.IsCapture(_beginning);
    }

    /// <summary>Reads the next bytes of the log, decompressed.</summary>
    /// <returns>0 at the end.</returns>
    /// <exception cref="LogFileException">The archive is damaged (everything before was delivered), or the disk is.</exception>
    public int Read(Span<byte> into)
    {
        if (_beginning.Length > 0)
        {
            var length = Math.Min(into.Length, _beginning.Length);
            _beginning.AsSpan(0, length).CopyTo(into);
            _beginning = _beginning[length..];
            return length;
        }

        if (_early is { } problem)
        {
            throw problem;
        }

        try
        {
            return _decompressed.Read(into);
        }
        catch (InvalidDataException error)
        {
            throw new LogFileException(
                LogFileProblem.Damaged,
                $"{_name}: the archive is damaged near byte {Position} of {Length?.ToString() ?? "a pipe"} ({error.Message}); what stands before was read",
                error);
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            throw new LogFileException(LogFileProblem.Unreadable, $"{_name}: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _decompressed.Dispose();
        _source.Dispose();
    }

    private static CountingStream OpenSource(string path)
    {
        var looked = Libc.Stat(path);
        switch (looked.Error)
        {
            case 0:
                break;
            case Libc.NoEntry or Libc.NotADirectory:
                throw new LogFileException(LogFileProblem.Missing, $"{path}: there is no such file");
            case Libc.NoPermission or Libc.NotPermitted:
                throw new LogFileException(LogFileProblem.NoPermission, $"{path}: no permission to read it; run as root, or as a member of its group");
            default:
                throw new LogFileException(LogFileProblem.Unreadable, $"{path}: {Libc.Describe(looked.Error)}");
        }

        if (looked.Facts.TypeName is "a directory" or "a block device" or "a socket")
        {
            throw new LogFileException(LogFileProblem.NotAFile, $"{path}: is {looked.Facts.TypeName}; name the log files themselves");
        }

        try
        {
            return looked.Facts.IsRegular
                ? new CountingStream(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan))
                : new CountingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), null);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new LogFileException(LogFileProblem.NoPermission, $"{path}: no permission to read it; run as root, or as a member of its group", error);
        }
        catch (IOException error)
        {
            throw new LogFileException(LogFileProblem.Unreadable, $"{path}: {error.Message}", error);
        }
    }

    /// <summary>The file as it lies on the disk, counted; the first bytes can be looked at before they are read.</summary>
    private sealed class CountingStream : Stream
    {
        private readonly SafeFileHandle? _file;
        private readonly Stream? _pipe;
        private readonly byte[] _peeked = new byte[6];
        private int _peekedLength;

        public CountingStream(SafeFileHandle file)
        {
            _file = file;
            KnownLength = RandomAccess.GetLength(file);
        }

        public CountingStream(Stream pipe, long? length)
        {
            _pipe = pipe;
            KnownLength = length;
        }

        public long? KnownLength { get; }

        public FileFacts? Facts => _file is not null && Libc.Stat(_file) is { Error: 0 } answer ? answer.Facts : null;

        public long Count { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => Count; set => throw new NotSupportedException(); }

        public LogFormat PeekFormat(string name)
        {
            int read;
            try
            {
                while (_peekedLength < _peeked.Length && (read = ReadSource(_peeked.AsSpan(_peekedLength), _peekedLength)) > 0)
                {
                    _peekedLength += read;
                }
            }
            catch (Exception error) when (FileTrouble.Is(error))
            {
                throw new LogFileException(LogFileProblem.Unreadable, $"{name}: {error.Message}", error);
            }

            return _peeked.AsSpan(0, _peekedLength) switch
            {
                // RFC 1952: magic, then method 8 (deflate).
                [0x1f, 0x8b, 8, ..] => LogFormat.Gzip,
                // The .xz file format 1.2.0, section 2.1.1.1.
                [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => LogFormat.Xz,
                [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31 or 0x17, ..] =>
                    throw Unsupported(name, "bzip2", "bzcat"),
                // RFC 8878 section 3.1.1.
                [0x28, 0xb5, 0x2f, 0xfd, ..] => throw Unsupported(name, "zstd", "zstdcat"),
                _ => LogFormat.Plain,
            };
        }

        public override int Read(Span<byte> buffer)
        {
            if (_pipe is not null && Count < _peekedLength)
            {
                var taken = Math.Min(buffer.Length, _peekedLength - (int)Count);
                _peeked.AsSpan((int)Count, taken).CopyTo(buffer);
                Count += taken;
                return taken;
            }

            var read = ReadSource(buffer, Count);
            Count += read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _file?.Dispose();
            _pipe?.Dispose();
            base.Dispose(disposing);
        }

        private int ReadSource(Span<byte> buffer, long offset) =>
            _file is not null ? RandomAccess.Read(_file, buffer, offset) : _pipe!.Read(buffer);

        private static LogFileException Unsupported(string name, string format, string tool) => new(
            LogFileProblem.Unsupported, $"{name}: is compressed with {format}, which is not read here; use: {tool} FILE | ringfence parse -");
    }
}
