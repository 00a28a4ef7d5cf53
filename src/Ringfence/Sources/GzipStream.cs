using System.Runtime.InteropServices;

namespace Ringfence.Sources;

/// <summary>Reads .gz, also several joined, through zlib. Must be disposed of: its memory is not .NET's.</summary>
/// <remarks>zlib.h; RFC 1952.</remarks>
internal sealed unsafe partial class GzipStream : DecoderStream
{
    // The largest window, 2^15, plus 16: gzip and nothing else.
    private const int GzipWindow = 15 + 16;
    private const int StreamEnd = 1;
    private const int BufferError = -5;

    // In native memory: zlib keeps a pointer back to the structure and compares it.
    private ZStream* _stream;
    private bool _betweenMembers;

    /// <param name="source">Not closed by this stream.</param>
    /// <exception cref="LogFileException">zlib is not installed, or there is no memory.</exception>
    public GzipStream(Stream source, string name)
        : base(source)
    {
        _stream = (ZStream*)NativeMemory.AllocZeroed((nuint)sizeof(ZStream));
        try
        {
            if (Initialise(_stream, GzipWindow, "1.2.11", sizeof(ZStream)) is not 0 and var answer)
            {
                NativeMemory.Free(_stream);
                _stream = null;
                throw new LogFileException(LogFileProblem.Unreadable, $"{name}: zlib can't start (it answered {answer})");
            }
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            NativeMemory.Free(_stream);
            _stream = null;
            throw new LogFileException(
                LogFileProblem.Unreadable, $"{name}: is compressed with gzip, and libz.so.1 is not installed; install the package zlib1g (Rocky: zlib-ng-compat)", error);
        }
    }

    protected override Step Decode(byte* input, int inputLength, byte* output, int outputLength, bool inputEnded)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        if (_betweenMembers)
        {
            // Another member, or zeros that fill up a block of a tape (gzip(1)).
            var zeros = new ReadOnlySpan<byte>(input, inputLength).IndexOfAnyExcept((byte)0);
            if (zeros != 0)
            {
                return new Step(zeros < 0 ? inputLength : zeros, 0, inputEnded, null);
            }

            _betweenMembers = false;
            _ = Reset(_stream);
        }

        _stream->NextIn = input;
        _stream->AvailableIn = (uint)inputLength;
        _stream->NextOut = output;
        _stream->AvailableOut = (uint)outputLength;
        var answer = Inflate(_stream, 0);
        var step = new Step(inputLength - (int)_stream->AvailableIn, outputLength - (int)_stream->AvailableOut, false, null);
        switch (answer)
        {
            case 0:
                return step;
            case StreamEnd:
                _betweenMembers = true;
                return step;
            case BufferError:
                // No progress was possible: there is room, so there is no input.
                return inputEnded ? step with { Failure = "it ends early" } : step;
            default:
                return step with { Failure = Marshal.PtrToStringAnsi((nint)_stream->Message) ?? $"zlib answered {answer}" };
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_stream is not null)
        {
            _ = End(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }

        base.Dispose(disposing);
    }

    [LibraryImport("libz.so.1", EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Initialise(ZStream* stream, int windowBits, string version, int streamSize);

    [LibraryImport("libz.so.1", EntryPoint = "inflate")]
    private static partial int Inflate(ZStream* stream, int flush);

    [LibraryImport("libz.so.1", EntryPoint = "inflateReset")]
    private static partial int Reset(ZStream* stream);

    [LibraryImport("libz.so.1", EntryPoint = "inflateEnd")]
    private static partial int End(ZStream* stream);

    // z_stream on LP64: 112 bytes.
    [StructLayout(LayoutKind.Explicit, Size = 112)]
    private struct ZStream
    {
        [FieldOffset(0)]
        public byte* NextIn;
        [FieldOffset(8)]
        public uint AvailableIn;
        [FieldOffset(24)]
        public byte* NextOut;
        [FieldOffset(32)]
        public uint AvailableOut;
        [FieldOffset(48)]
        public byte* Message;
    }
}
