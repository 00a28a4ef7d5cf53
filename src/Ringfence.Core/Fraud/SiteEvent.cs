namespace Ringfence.Core.Fraud;

internal enum SiteEventKind
{
    /// <summary>A call from outside ended: <see cref="SiteEvent.Name"/> is the number that it showed.</summary>
    CallIn,

    /// <summary>An extension registered from a place where it never was.</summary>
    NewPlace,

    /// <summary>A wrong PIN was given for an extension.</summary>
    PinRefused,
}

/// <summary>What else tells of fraud, besides calls to outside.</summary>
/// <param name="Extension">"" where it is about none.</param>
/// <param name="Name">A number, or a place.</param>
/// <param name="Seconds">How long it rang, of a call in that nobody answered; else 0.</param>
/// <param name="Origin">How the call came about that it happened in, of a wrong PIN.</param>
internal sealed record SiteEvent(SiteEventKind Kind, long At, string Extension, string Name, int Seconds = 0, CallOrigin Origin = CallOrigin.Phone);
