using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Gives everything that a rule found an option's value; where a template says it of them alone, the template is changed, once.</summary>
/// <param name="others">Objects of that type that the rule did not find: what their lines say stays.</param>
internal sealed class SharedEdit(IEnumerable<PjsipObject> others, string option, string beside)
{
    private readonly HashSet<Place> _kept = [.. others.SelectMany(other => (ConfigSetting?[])[other.Find(option), other.Find(beside)]).OfType<ConfigSetting>().Select(static setting => setting.Place)];

    public FileEdit Set(PjsipObject found, string value)
    {
        var line = found.Find(option) ?? found.Find(beside);
        return line is not { IsInherited: true } || line.Place == found.Place || _kept.Contains(line.Place) ? ObjectEdit.Set(found, option, value)
            : found.Find(option) is null ? new InsertLines(line.Place.File, line.Place.Line, [ObjectEdit.Line(found, option, value)])
            : new ReplaceLine(line.Place.File, line.Place.Line, ObjectEdit.Line(found, option, value));
    }
}
