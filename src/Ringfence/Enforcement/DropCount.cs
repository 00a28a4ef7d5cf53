namespace Ringfence.Enforcement;

/// <summary>Packets dropped since this process began to look, although the kernel's counter starts again with each new table.</summary>
internal sealed class DropCount
{
    private readonly Lock _turn = new();
    private ulong _before;
    private ulong _last;

    /// <param name="packets">The kernel's counter now; null: it can't be read.</param>
    public long See(ulong? packets)
    {
        lock (_turn)
        {
            if (packets is { } now)
            {
                _before += now < _last ? _last : 0;
                _last = now;
            }

            return (long)(_before + _last);
        }
    }
}
