using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>A <see cref="PbxEvent"/> that outlives its buffer.</summary>
internal sealed record HeldEvent(
    EventKind Kind, Origin Origin, Service Service, Transport Transport, Proof Proof, Address Source, ushort Port, long TimeTicks, long Line, byte[] Account, byte[] Session, byte[] Detail, byte[] Record, ushort Log)
{
    public static HeldEvent Of(in PbxEvent seen, ushort log) => new(
        seen.Kind, seen.Origin, seen.Service, seen.Transport, seen.Proof, seen.Source, seen.Port, seen.TimeTicks, seen.Line,
        seen.Account.ToArray(), seen.Session.ToArray(), seen.Detail.ToArray(), seen.Record[..Math.Min(seen.Record.Length, EvidenceRing.LongestRecord)].ToArray(), log);

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
    };
}
