using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>A <see cref="PbxEvent"/> that outlives its buffer.</summary>
internal sealed record HeldEvent(
    EventKind Kind, Origin Origin, Service Service, Transport Transport, Proof Proof, Address Source, ushort Port, long TimeTicks, long Line, byte[] Account, byte[] Session, byte[] Detail, byte[] Record, ushort Log, bool IsEnclosed = false)
{
    // A Call-ID has room for 60 KB, thousands of which wait at once: no more of it than tells one from another.
    private const int LongestText = Detector.HashedBytes;

    public static HeldEvent Of(in PbxEvent seen, ushort log) => new(
        seen.Kind, seen.Origin, seen.Service, seen.Transport, seen.Proof, seen.Source, seen.Port, seen.TimeTicks, seen.Line,
        Cut(seen.Account, LongestText), Cut(seen.Session, LongestText), Cut(seen.Detail, LongestText), Cut(seen.Record, EvidenceRing.LongestRecord), log, seen.IsEnclosed);

    private static byte[] Cut(ReadOnlySpan<byte> text, int most) => text[..Math.Min(text.Length, most)].ToArray();

    public PbxEvent Event => new()
    {
        Kind = Kind,
        Origin = Origin,
        Service = Service,
        Transport = Transport,
        Proof = Proof,
        Source = Source,
        Port = Port,
        TimeTicks = TimeTicks,
        Line = Line,
        Account = Account,
        Session = Session,
        Detail = Detail,
        Record = Record,
        IsEnclosed = IsEnclosed,
    };
}
