using System.Buffers;
using System.Buffers.Binary;

namespace Ringfence.Sources;

/// <summary>Messages of the manager interface in the order in which they came, each whole.</summary>
/// <remarks>An empty one says that the connection lives: Asterisk has answered.</remarks>
internal sealed class AmiBatch : SourceBatch
{
    private const int LengthBytes = 4;

    private byte[]? _pooled = ArrayPool<byte>.Shared.Rent(MaxBytes);
    private int _length;

    /// <summary>Whether the guard is logged in; false: the connection has ended, and nothing comes until the next login.</summary>
    public bool IsLoggedIn { get; init; } = true;

    /// <summary>Of a login: this side's port; else 0.</summary>
    public int LocalPort { get; init; }

    /// <summary>Bytes before the first message that were no message.</summary>
    public long Skipped { get; set; }

    /// <summary>Keeps a message.</summary>
    /// <returns>false: there is no room for it.</returns>
    public bool Take(ReadOnlySpan<byte> message)
    {
        if (message.Length > MaxBytes - _length - LengthBytes)
        {
            return false;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_pooled.AsSpan(_length), message.Length);
        message.CopyTo(_pooled.AsSpan(_length + LengthBytes));
        _length += LengthBytes + message.Length;
        return true;
    }

    /// <returns>The message that begins at <paramref name="at"/>, which is moved behind it; empty at the end.</returns>
    public ReadOnlySpan<byte> Next(ref int at)
    {
        if (at >= _length)
        {
            return default;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(_pooled.AsSpan(at));
        var message = _pooled.AsSpan(at + LengthBytes, length);
        at += LengthBytes + length;
        return message;
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
