using System.Numerics;

namespace Ringfence.Core.Detection;

/// <summary>Arrays of refusals that somebody has done with, for the next one who needs some.</summary>
/// <remarks>
/// Who is judged needs his no more, and the next attacker comes at once: made anew for each of them, they and what each login made were half of the
/// 80 MiB that a replay of a million lines allocated. Arrays of 1, 2, 4, 8 and 16; a bounded number of each.
/// </remarks>
internal sealed class RefusalRings
{
    private const int Sizes = 5;
    private const int MostOfEach = 256;

    private readonly Stack<Refusal[]>[] _free = [.. Enumerable.Range(0, Sizes).Select(_ => new Stack<Refusal[]>())];

    /// <returns>As many places at least, with whatever was in them.</returns>
    public Refusal[] Rent(int length)
    {
        var size = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)length));
        return size >= Sizes ? new Refusal[length] : _free[size].TryPop(out var free) ? free : new Refusal[1 << size];
    }

    public void Return(Refusal[] ring)
    {
        if (BitOperations.IsPow2(ring.Length) && BitOperations.Log2((uint)ring.Length) is var size && size < Sizes && _free[size].Count < MostOfEach)
        {
            _free[size].Push(ring);
        }
    }
}
