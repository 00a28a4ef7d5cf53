namespace Ringfence.Core.Numbers;

/// <summary>What calls from a site cost: its carrier's deck, and where that has nothing the risk deck.</summary>
/// <param name="deck">null: the operator gave none.</param>
/// <param name="home">The site's country.</param>
/// <param name="euro">A euro in the deck's money, in millionths: the risk deck is in euros.</param>
internal sealed class Tariff(RateDeck? deck, string home, long euro = Rate.Unit)
{
    /// <summary>What nobody can read may be anything, and costs what the dearest countries do; a short number of the carrier's own what such services do; calls inside and for help nothing.</summary>
    public Price For(in DialledNumber dialled) => dialled.Kind switch
    {
        DialledKind.Outside => For(dialled.Number),
        DialledKind.Short => Guess(IsOfSocialValue(dialled.Digits) ? RiskDeck.TollFree : RiskDeck.Short),
        DialledKind.Unreadable => Guess(RiskDeck.Unreadable),
        _ => Price.Free,
    };

    // Missing children, somebody to talk to, a doctor out of hours: 116 and three digits, free to the caller in Europe (Commission Decision 2007/116/EC), and their calls are long.
    private bool IsOfSocialValue(string digits) => digits is ['1', '1', '6', _, _, _] && NumberPlans.BuiltIn.Of(home)?.CallingCode is (>= 30 and <= 49) or (>= 350 and <= 389) or (>= 420 and <= 429);

    /// <param name="number">A number of the world.</param>
    public Price For(PhoneNumber number)
    {
        var (guess, of) = RiskDeck.BuiltIn.For(number, home);
        return deck?.For(number.Digits) is { } rate ? new Price(rate, of, IsOfDeck: true) : new Price(InMoney(guess), of, IsOfDeck: false);
    }

    private Price Guess(string name) => RiskDeck.BuiltIn.Of(name) is var price ? price with { Rate = InMoney(price.Rate) } : default;

    private Rate InMoney(Rate guess) => euro == Rate.Unit ? guess
        : guess with { PerMinute = Math.Min(Rate.Most, Rate.InMoney(guess.PerMinute, euro)!.Value), Connect = Math.Min(Rate.Most, Rate.InMoney(guess.Connect, euro)!.Value) };
}

/// <param name="Rate">What it costs.</param>
/// <param name="Risk">The class of destination, whatever the deck says of its price.</param>
/// <param name="IsOfDeck">Whether the operator's own deck says so.</param>
internal readonly record struct Price(Rate Rate, RiskClass Risk, bool IsOfDeck)
{
    public static readonly Price Free = new(new Rate("", "", 0), new RiskClass("", 0, 0, 0), IsOfDeck: false);
}
