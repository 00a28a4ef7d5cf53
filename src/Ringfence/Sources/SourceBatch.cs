using System.Threading.Channels;

namespace Ringfence.Sources;

/// <summary>What a source has read, on its way to the one consumer. Dispose of it when it is read: its buffer is used again.</summary>
internal abstract class SourceBatch : IDisposable
{
    /// <summary>At most so many bytes are in one batch.</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The channel between all sources and the one consumer.</summary>
    /// <remarks>
    /// Bounded, and a full one makes the sources wait: the kernel keeps the logs, and what a socket's buffer holds, so at most 16 buffers (4 MiB) are in
    /// flight. The longer the consumer is away, the larger the batches that it then gets.
    /// </remarks>
    public static Channel<SourceBatch> NewChannel() => Channel.CreateBounded<SourceBatch>(
        new BoundedChannelOptions(16) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true, SingleWriter = false });

    /// <summary>When it was closed, more waited in the kernel: what is known of the source ends before now.</summary>
    public bool LeavesMore { get; set; }

    public abstract void Dispose();
}
