using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>How a call to outside came about.</summary>
internal enum CallOrigin
{
    /// <summary>Somebody dialled at a phone.</summary>
    Phone,

    /// <summary>A call from outside was forwarded to outside, or transferred there.</summary>
    Forwarded,

    /// <summary>Somebody outside dialled on: DISA, a voicemail's callback, an IVR.</summary>
    DialledOn,
}

/// <summary>A call to outside that is about to leave, or has left. Times are milliseconds since 1970 UTC, money is in millionths, everywhere in this folder.</summary>
/// <param name="Extension">Who pays: the endpoint that calls, or that forwarded.</param>
/// <param name="Caller">The number that it shows, and of a forwarded call whoever called: nothing that can be relied on.</param>
/// <param name="Trunk">"" while nobody knows.</param>
/// <param name="Did">The number of the site that was called, of a forwarded one; "" for none.</param>
/// <param name="AccountCode">"" for none.</param>
internal readonly record struct CallAttempt(long At, string Extension, string Caller, string Trunk, string Did, string AccountCode, Destination To, CallOrigin Origin = CallOrigin.Phone)
{
    /// <summary>In place of an extension: a program or a call file made the call.</summary>
    public const string Originated = "originated";

    public CallAttempt(long at, string extension, string caller, string trunk, string did, string accountCode, in DialledNumber dialled, in Price price, CallOrigin origin = CallOrigin.Phone)
        : this(at, extension, caller, trunk, did, accountCode, new Destination(dialled, price), origin)
    {
    }

    /// <summary>Of the zero value, which calls nobody, too.</summary>
    public Destination To
    {
        get => field ?? Destination.None;
        init;
    } = To;

    public DialledNumber Dialled
    {
        get => To.Dialled;
        init => To = To with { Dialled = value };
    }

    public Price Price
    {
        get => To.Price;
        init => To = To with { Price = value };
    }

    public PhoneNumber Number => To.Dialled.Number;

    /// <summary>Whether destinations as this one are what fraud calls: those that cost most, and numbers that nobody was given.</summary>
    public bool IsRisky => Price.Risk.IsRisky || (!Number.IsValid && Dialled.Kind == DialledKind.Outside && Price.Risk.Name != RiskDeck.Home);
}
