using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>Who sent SIP requests in the last minutes: what a line of a log is held against.</summary>
/// <remarks>A table of a fixed size: where a flood has overwritten an entry, the answer is that nobody knows.</remarks>
/// <param name="key">A secret of the process, so that entries can't be chosen to collide.</param>
internal sealed class Senders(ulong key)
{
    private const int Entries = 1 << 15;
    private static readonly long Memory = 5 * TimeSpan.TicksPerMinute;

    private readonly Entry[] _entries = new Entry[Entries];

    /// <summary>Time of the newest message, of whoever; UTC ticks; 0: none.</summary>
    public long LastMessageTicks { get; private set; }

    public void SeeMessage(long timeTicks) => LastMessageTicks = timeTicks;

    public void SeeRequest(Address source, long timeTicks)
    {
        var tag = Tag(source);
        _entries[Slot(tag)] = new Entry(tag, timeTicks);
    }

    /// <returns>Whether the address sent a request within that time around the moment; null: nobody knows.</returns>
    public bool? Sent(Address source, long timeTicks, TimeSpan within)
    {
        var tag = Tag(source);
        var entry = _entries[Slot(tag)];
        if (entry.Tag == tag)
        {
            // A later request may have taken the place of the one that is asked for.
            return Math.Abs(entry.TimeTicks - timeTicks) <= within.Ticks ? true : entry.TimeTicks > timeTicks ? null : false;
        }

        return entry.TimeTicks > timeTicks - Memory ? null : false;
    }

    private ulong Tag(Address source) => (((source.Low ^ key) * 0x9e3779b97f4a7c15) ^ ((source.High ^ key) * 0xbf58476d1ce4e5b9)) | 1;

    private static int Slot(ulong tag) => (int)(tag >> 49);

    private readonly record struct Entry(ulong Tag, long TimeTicks);
}
