namespace Ringfence.Core.Pbx;

/// <summary>An object of pjsip.conf: an endpoint, AOR, auth, transport, identify, registration...</summary>
/// <param name="Type">In lower case, as sorcery compares it.</param>
internal sealed record PjsipObject(string Type, string Name, ConfigSection Section)
{
    public Place Place => Section.Place;

    /// <summary>The value that counts where an option is given more than once; null: it is not given, and the version's default holds.</summary>
    public string? this[string option] => Section[option];

    public ConfigSetting? Find(string option) => Section.Find(option);

    /// <summary>The place of an option, or of the object where the option is not given.</summary>
    public Place PlaceOf(string option) => Section.Find(option)?.Place ?? Section.Place;

    /// <summary>The parts of every value of a list such as <c>auth=a,b</c>, blanks around them removed.</summary>
    public IEnumerable<(string Text, Place Place)> List(string option) => Section.All(option)
        .SelectMany(setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => (part, setting.Place)));
}
