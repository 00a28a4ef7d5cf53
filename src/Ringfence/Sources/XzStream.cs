using System.Runtime.InteropServices;

namespace Ringfence.Sources;

/// <summary>Reads .xz through liblzma. Must be disposed of: its memory is not .NET's.</summary>
/// <remarks>lzma/base.h and lzma/container.h of liblzma 5.</remarks>
internal sealed unsafe partial class XzStream : DecoderStream
{
    // xz -9 asks for 65 MiB; an archive that wants much more is made to hurt.
    private const ulong MemoryLimitBytes = 192 * 1024 * 1024;
    private const uint Concatenated = 8;
    private const int Run = 0;
    private const int Finish = 3;
    private const int StreamEnd = 1;

    // In native memory: liblzma keeps pointers that tie the structure to its place.
    private LzmaStream* _stream;

    /// <param name="source">Not closed by this stream.</param>
    /// <exception cref="LogFileException">liblzma is not installed, or there is no memory.</exception>
    public XzStream(Stream source, string name)
        : base(source)
    {
        _stream = (LzmaStream*)NativeMemory.AllocZeroed((nuint)sizeof(LzmaStream));
        try
        {
            if (StreamDecoder(_stream, MemoryLimitBytes, Concatenated) is not 0 and var answer)
            {
                Dispose(disposing: true);
                throw new LogFileException(LogFileProblem.Unreadable, $"{name}: liblzma can't start ({Describe(answer)})");
            }
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            NativeMemory.Free(_stream);
            _stream = null;
            throw new LogFileException(
                LogFileProblem.Unreadable, $"{name}: is compressed with xz, and liblzma.so.5 is not installed; install the package liblzma5 (Rocky: xz-libs)", error);
        }
    }

    protected override Step Decode(byte* input, int inputLength, byte* output, int outputLength, bool inputEnded)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        _stream->NextIn = input;
        _stream->AvailableIn = (nuint)inputLength;
        _stream->NextOut = output;
        _stream->AvailableOut = (nuint)outputLength;
        var answer = Code(_stream, inputEnded ? Finish : Run);
        return new Step(
            inputLength - (int)_stream->AvailableIn,
            outputLength - (int)_stream->AvailableOut,
            answer == StreamEnd,
            answer is 0 or StreamEnd ? null : Describe(answer));
    }

    protected override void Dispose(bool disposing)
    {
        if (_stream is not null)
        {
            End(_stream);
            NativeMemory.Free(_stream);
            _stream = null;
        }

        base.Dispose(disposing);
    }

    private static string Describe(int answer) => answer switch
    {
        5 => "no memory",
        6 => $"it needs more than {MemoryLimitBytes / 1024 / 1024} MiB to decompress",
        7 => "not in the xz format",
        8 => "compression options that liblzma does not know",
        9 => "corrupt data",
        10 => "it ends early",
        _ => $"liblzma answered {answer}",
    };

    [LibraryImport("liblzma.so.5", EntryPoint = "lzma_stream_decoder")]
    private static partial int StreamDecoder(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport("liblzma.so.5", EntryPoint = "lzma_code")]
    private static partial int Code(LzmaStream* stream, int action);

    [LibraryImport("liblzma.so.5", EntryPoint = "lzma_end")]
    private static partial void End(LzmaStream* stream);

    // lzma_stream on LP64: 136 bytes; zero is LZMA_STREAM_INIT.
    [StructLayout(LayoutKind.Explicit, Size = 136)]
    private struct LzmaStream
    {
        [FieldOffset(0)]
        public byte* NextIn;
        [FieldOffset(8)]
        public nuint AvailableIn;
        [FieldOffset(24)]
        public byte* NextOut;
        [FieldOffset(32)]
        public nuint AvailableOut;
    }
}
