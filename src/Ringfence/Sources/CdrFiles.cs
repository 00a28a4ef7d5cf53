using System.Buffers;
using Ringfence.Core.Calls;

namespace Ringfence.Sources;

/// <summary>Files of CDRs, plain or compressed, from the first byte to the last.</summary>
internal static class CdrFiles
{
    private const int BufferBytes = 1 << 20;

    /// <param name="take">Each call, in the file's order.</param>
    /// <returns>What could be read and what not.</returns>
    /// <exception cref="LogFileException">Nothing can be read there, or the archive is damaged: what stands before was taken.</exception>
    public static CallFileReader Read(string path, TimeZoneInfo zone, Action<CallRecord> take, CancellationToken stop, string? mapping = null)
    {
        using var file = LogFile.Open(path);
        var reader = new CallFileReader(zone, mapping);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var held = 0;
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                var read = file.Read(buffer.AsSpan(held));
                held += read;
                var taken = reader.Read(buffer.AsSpan(0, held), isEnd: read == 0, take);
                if (read == 0)
                {
                    return reader;
                }

                buffer.AsSpan(taken, held - taken).CopyTo(buffer);
                held -= taken;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
