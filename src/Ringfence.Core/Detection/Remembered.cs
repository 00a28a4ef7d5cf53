namespace Ringfence.Core.Detection;

/// <summary>What a <see cref="RememberedTable{TKey, TEntry}"/> holds.</summary>
internal abstract class Remembered<TKey>(TKey key)
{
    public TKey Key { get; } = key;

    /// <summary>How often the hand passes by before it is forgotten.</summary>
    public byte Credit { get; set; }
}
